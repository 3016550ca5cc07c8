"""What is told of the whole: for now the words of the codes that answers hold."""
