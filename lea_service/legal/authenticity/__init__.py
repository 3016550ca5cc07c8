"""Whether a demand comes from whom it says: observations, and the policy that reads them."""
