"""flask.sansio: the part of Flask that does no I/O. Here application and blueprint are one class each."""
