"""All element templates of a runtime in one file: a zip for people, a gzipped tar for c8ctl. Same templates, same bytes."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Sequence

from connector_operator.domain.published import OfferedTemplate

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def zip_of(templates: Sequence[OfferedTemplate]) -> bytes:
    """A zip with one file per element template, named as in the catalogue."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for template in templates:
            entry = zipfile.ZipInfo(template.key, _ZIP_TIME)
            archive.writestr(entry, template.text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tar_of(templates: Sequence[OfferedTemplate]) -> bytes:
    """A gzipped tar; its files are numbered, since c8ctl reads no names of more than a hundred characters."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for number, template in enumerate(templates):
            content = template.text.encode()
            entry = tarfile.TarInfo(f"{number}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)
