"""The law as data: legal bases, checks of a demand against them, refusal and clarification."""
