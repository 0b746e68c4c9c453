"""Joins the weather of each city with the sales of its stores."""
