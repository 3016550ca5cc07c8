"""Demands: what an authority asked for, as it arrived, and the states it goes through."""
