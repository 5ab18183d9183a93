"""IR → text: letters, order of factors, component form."""
