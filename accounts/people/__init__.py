"""People at customers: how they stand, when they leave, who they are to each other and to us, and who is one person."""
