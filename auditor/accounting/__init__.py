"""How the project handles what answers tell of their tokens: which fields it reads, what it makes of them."""
