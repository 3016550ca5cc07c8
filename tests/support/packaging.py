"""A house with extracted demands, and the service that seals them."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from lea_service.demands.changes import advance
from lea_service.demands.queries import get_state
from lea_service.kernel.canonical import dump_canonical
from lea_service.packaging.assembly import Assembly
from lea_service.packaging.service import PackagingService
from lea_service.packaging.signature import PackageSigner
from lea_service.staff.root import dump_root
from tests.support.certificates import write_pair
from tests.support.extraction import START, WORKER
from tests.support.kept import keep
from tests.support.package import container_name, encrypted_name, make_signer, run_opening


@dataclass
class Sealery:
    """What tests of sealing work with."""

    office: Any
    service: PackagingService
    signer: PackageSigner
    folder: Path
    packages: Path

    @property
    def log(self):
        return self.office.log

    def extracted(self, rows=3, **options):
        """Bring a demand up to the result of its run, or put one back; returns (demand, run)."""
        return keep(
            self.log,
            ("extracted", repr(options)),
            partial(self._extracted, options),
            folder=self.folder,
            records=self.office.databases.records,
        )

    def _extracted(self, options):
        demand, run = self.office.decided(**options)
        assert self.office.work(run) == "done"
        return demand, run

    def begin(self, demand, run):
        with self.office.transactions.begin(WORKER) as tx:
            self.service.begin(tx, demand, run)

    def finish(self, sealed):
        with self.office.transactions.begin(WORKER) as tx:
            return self.service.finish(tx, sealed)

    def seal(self, demand, run):
        """Do the worker's steps; returns the package."""
        self.begin(demand, run)
        return self.finish(self.service.write(WORKER, demand, run))

    def files(self, demand):
        """Return the names of the stored files of a demand."""
        return sorted(path.name for path in (self.packages / demand).glob("*"))

    def ciphertext(self, package):
        with self.service.open_ciphertext(package) as reader:
            return reader.read()

    def open(self, package, holder=None):
        """Open a package with openssl, as its receiver; returns the container."""
        folder = self.folder / package
        folder.mkdir()
        write_pair(folder, "rsa", holder or self.office.person, "receiver")
        (folder / encrypted_name(package)).write_bytes(self.ciphertext(package))
        run_opening(folder, package)
        return folder / container_name(package)

    def trust(self):
        """Write what a receiver got on a way of its own; returns the folder."""
        folder = self.folder / "trust"
        folder.mkdir(exist_ok=True)
        pem = self.signer.certificate.public_bytes(Encoding.PEM)
        (folder / "provider.cert.pem").write_bytes(pem)
        (folder / "policy").write_text(self.log.service.policy.format())
        root = dump_canonical(dump_root(self.office.house.load_root()))
        (folder / "staff-root.json").write_bytes(root)
        return folder


def make_sealery(office, folder, signer=None):
    """Give an office a source with three calls, and a service that seals."""
    office.source()
    office.calls(*(START + timedelta(days=n) for n in range(3)))
    signer = signer or make_signer(folder)
    packages = folder / "packages"
    log = office.log
    service = PackagingService(
        log.transactions,
        contents=Assembly(
            log.transactions,
            log.service,
            "Voorbeeld Telecom B.V.",
            folder / "spool",
            "lea@v.example",
        ),
        signer=signer,
        folder=packages,
        load_root=office.house.load_root,
        advance=advance,
        state_of=get_state,
        looks=log.looks,
    )
    return Sealery(office, service, signer, folder, packages)
