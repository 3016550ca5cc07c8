"""Whether approvers can be reached: a test now and then, absences, and an alarm for too few."""
