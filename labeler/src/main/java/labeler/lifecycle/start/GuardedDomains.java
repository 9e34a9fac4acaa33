package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;
import labeler.guard.emulator.DomainGuard;
import labeler.guard.emulator.StartingDomain;
import labeler.guard.place.DomainTraits;
import labeler.guard.place.GuardedVms;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Ledger;
import labeler.linux.ProcessIdentity;

/** The guards of libvirt's domains, which are on record since libvirt's hook was called. */
record GuardedDomains(Ledger ledger, GuardedVms guards) implements DomainGuard {
    @Inject
    GuardedDomains {}

    @Override
    public void begin(StartingDomain domain, ProcessIdentity qemu, ServerSocketChannel manager, Giving giving)
            throws IOException {
        Optional<VmRecord> vm = ledger.lock().holding(() -> ledger.holdings().vm(domain.name()));
        if (vm.isEmpty()) {
            throw new IOException("its start is over already");
        }
        guards.place(
                vm.get().runBy(qemu),
                new DomainTraits(domain.isWhole(), domain.isLabelledByLibvirt()),
                manager,
                giving::give);
    }
}
