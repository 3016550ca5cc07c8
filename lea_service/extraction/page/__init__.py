"""The one page on which an approver finds everything that a decision rests on."""
