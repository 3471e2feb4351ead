"""LlamaIndex as its documentation sets it up."""
