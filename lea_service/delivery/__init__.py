"""Hand-over to the named receivers, and the receipt that proves they could open the package."""
