"""Letters to the authority: a question, a refusal, what is not given; Dutch and English."""
