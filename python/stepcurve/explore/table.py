"""The learning rates of a page as a CSV file, from its address alone."""

from __future__ import annotations

from tornado.web import RequestHandler

from .picture import table
from .setting import from_query


class Table(RequestHandler):
    """GET table.csv?..., with the query of the page."""

    def get(self) -> None:
        setting, messages = from_query(self.request.query_arguments)
        try:
            if messages:
                raise ValueError("; ".join(messages))
            text = table(setting)
        except ValueError as error:
            self.set_status(400)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(f"{error}\n")
            return
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="stepcurve.csv"')
        self.finish(text)
