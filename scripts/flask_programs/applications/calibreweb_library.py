"""Make a library of Calibre with a book in ./library, with the models that Calibre-Web reads it by."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from calibreweb.cps import db
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

FOLDER = Path("library").resolve()
#: One: the first page has books in a random order.
BOOKS = {"Rain & <Sun>": "Ada Green"}
DAY = datetime(2026, 1, 2, tzinfo=UTC)

FOLDER.mkdir()
options = {"schema_translate_map": {"calibre": None}}
engine = create_engine(f"sqlite:///{FOLDER}/metadata.db", execution_options=options)
db.Base.metadata.create_all(engine)
with Session(engine) as session:
    for number, (title, author) in enumerate(BOOKS.items(), 1):
        folder = FOLDER / author / f"{title} ({number})"
        folder.mkdir(parents=True)
        (folder / "book.txt").write_text(f"{title}, by {author}\n")
        values = {
            "number": number,
            "title": title,
            "author": author,
            "day": DAY.replace(tzinfo=None).isoformat(" "),
            "path": str(folder.relative_to(FOLDER)),
        }
        for statement in (
            "INSERT INTO authors (id, name, sort, link) VALUES (:number, :author, :author, '')",
            "INSERT INTO books (id, title, sort, author_sort, timestamp, pubdate, series_index,"
            " last_modified, path, has_cover, uuid) VALUES (:number, :title, :title, :author, :day, :day,"
            " '1.0', :day, :path, 0, 'book-' || :number)",
            "INSERT INTO books_authors_link (book, author) VALUES (:number, :number)",
            "INSERT INTO data (id, book, format, uncompressed_size, name)"
            " VALUES (:number, :number, 'TXT', 20, 'book')",
        ):
            session.execute(text(statement), values)
    session.execute(text("INSERT INTO library_id (id, uuid) VALUES (1, 'of-a-test')"))
    session.commit()
