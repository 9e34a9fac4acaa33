package labeler.leftover;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainFacts;
import labeler.vm.libvirt.RunningDomain;

/**
 * One reading of the states of all running domains. A qemu may own their directory, and names, moves and makes files in it as
 * it likes. So only regular files of root's count, each once whatever names it has, and all together are bounded.
 */
final class RunningStates {
    /** Ten for each VM of a host with more VMs than any has. */
    private static final int MOST_NAMES = 50_000;

    /** The state of a domain has some ten thousand bytes. */
    private static final long MOST_BYTES = 256L << 20;

    /** libvirt exchanges a state with each change of its domain. */
    private static final int TRIES = 5;

    private final Linux linux;
    private final HostPath directory;
    private final Optional<VmName> left;
    private final List<DomainFacts> facts = new ArrayList<>();
    private final List<String> unread = new ArrayList<>();
    private final Set<FileIdentity> seen = new HashSet<>();
    private Optional<HostPath> firstForeign = Optional.empty();
    private int foreign;
    private long bytes;

    /** @param left the domain that does not count */
    RunningStates(Linux linux, HostPath directory, Optional<VmName> left) {
        this.linux = linux;
        this.directory = directory;
        this.left = left;
    }

    LibvirtFiles.Known read() {
        switch (linux.open().open(directory, OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> {
                if (refusal.reason() != OpenRefusal.Reason.MISSING) {
                    unread.add(directory + ": " + refusal.detail());
                }
            }
            case OpenedFile opened -> {
                try (opened) {
                    states(opened);
                } catch (LinuxException e) {
                    unread.add(String.valueOf(e.getMessage()));
                }
            }
        }
        return new LibvirtFiles.Known(facts, unread, firstForeign.map(this::remark));
    }

    private void states(OpenedFile opened) throws LinuxException {
        try (DirectoryEntries.Listing listing = linux.entries().read(opened)) {
            int names = 0;
            for (Optional<DirectoryEntries.Entry> entry = listing.next(); entry.isPresent(); entry = listing.next()) {
                names++;
                if (names > MOST_NAMES || bytes > MOST_BYTES) {
                    unread.add(
                            directory + ": more than libvirt keeps there for its domains; take away what is not its");
                    return;
                }
                HostPath name = entry.get().name();
                if (text(name.bytes()).endsWith(LibvirtFiles.SUFFIX)) {
                    state(directory.child(name.bytes()));
                }
            }
        }
    }

    private void state(HostPath file) {
        OpenOutcome outcome = linux.open().open(file, LibvirtStates.PLAIN);
        for (int tried = 1; tried < TRIES && isChanged(outcome); tried++) {
            outcome = linux.open().open(file, LibvirtStates.PLAIN);
        }
        switch (outcome) {
            case OpenedFile opened -> {
                try (opened) {
                    opened(file, opened);
                } catch (LinuxException e) {
                    unread(file, String.valueOf(e.getMessage()));
                }
            }
            case OpenRefusal refusal -> {
                switch (refusal.reason()) {
                    // The domain has ended.
                    case MISSING -> {}
                    case WRONG_TYPE, LINK -> foreign(file);
                    case CHANGED, UNREADABLE -> unread(file, refusal.detail());
                }
            }
        }
    }

    private static boolean isChanged(OpenOutcome outcome) {
        return outcome instanceof OpenRefusal refusal && refusal.reason() == OpenRefusal.Reason.CHANGED;
    }

    private void opened(HostPath file, OpenedFile opened) throws LinuxException {
        if (opened.status().uid() != 0) {
            foreign(file);
            return;
        }
        if (!seen.add(opened.identity())) {
            return;
        }
        switch (LibvirtStates.read(opened)) {
            case LibvirtStates.Text state -> {
                byte[] xml = state.raw();
                bytes += xml.length;
                // Who owns the directory can move the state of another domain to this one's name.
                if (!isOfLeft(file)
                        || RunningDomain.name(xml)
                                .filter(name -> left.stream()
                                        .noneMatch(one -> one.value().equals(name)))
                                .isPresent()) {
                    DomainFacts.parse(xml)
                            .ifPresentOrElse(facts::add, () -> unread(file, "it is no state of a domain"));
                }
            }
            case LibvirtStates.None() -> {}
            case LibvirtStates.Unknown(String reason) -> unread(file, reason);
        }
    }

    private boolean isOfLeft(HostPath file) {
        return left.map(one -> directory.child(one.value() + LibvirtFiles.SUFFIX))
                .equals(Optional.of(file));
    }

    private void unread(HostPath file, String why) {
        if (!isOfLeft(file)) {
            unread.add(file + ": cannot be read (" + why + ")");
        }
    }

    private void foreign(HostPath file) {
        foreign++;
        firstForeign = firstForeign.or(() -> Optional.of(file));
    }

    private String remark(HostPath file) {
        return (foreign == 1 ? file + " is no file" : file + " and " + (foreign - 1) + " more are no files")
                + " of root's, so that libvirt has not written it, and it does not count; take it away";
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
