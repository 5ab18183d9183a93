"""The text of a program to its syntax tree."""
