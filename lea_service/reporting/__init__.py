"""What is told of the whole: the words of the codes that answers hold."""
