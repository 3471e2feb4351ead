"""txtai as its documentation sets it up."""
