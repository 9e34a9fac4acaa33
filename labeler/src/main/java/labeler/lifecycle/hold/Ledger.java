package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.linux.FileIdentity;
import labeler.linux.OpenedFile;

/**
 * The held VMs and files, in memory and on disk, who is at work on them, and other hosts. Changes need the lock. Reading the memory
 * does not.
 */
public record Ledger(HostLock lock, Holdings holdings, Journal journal, Claims claims, OtherHosts others) {
    @Inject
    public Ledger {}

    /** The id of this boot. */
    public String bootId() {
        return holdings.bootId();
    }

    /** From now on the result shows whether any of these files is given back. */
    public Claims.Look look(FileSet files) {
        return lock.holding(() -> claims.look(identities(files)));
    }

    public void close(Claims.Look look) {
        lock.changing(() -> claims.close(look));
    }

    private static Set<FileIdentity> identities(FileSet files) {
        return files.files().stream()
                .flatMap(file -> file.file().stream())
                .map(OpenedFile::identity)
                .collect(Collectors.toSet());
    }

    /**
     * The reversion of this file is over. Runs without the lock.
     *
     * @param isGivenBack whether it has its earlier label
     */
    public void reverted(FileRecord file, boolean isGivenBack) {
        lock.changing(() -> {
            if (isGivenBack) {
                holdings.giveBack(file.id());
            }
            claims.reverted(file.id(), file.identity());
        });
    }

    /** The operation that is about to give back one of these files, so that judging them must wait. Needs the lock. */
    public Optional<String> inTheWay(FileSet files) {
        return identities(files).stream()
                .flatMap(identity -> inTheWay(identity).stream())
                .findFirst();
    }

    private Optional<String> inTheWay(FileIdentity identity) {
        // Also by a record from before its file system came back on another device.
        Optional<String> reverting = holdings.alike(identity).stream()
                .filter(file -> claims.isReverting(file.id()))
                .map(file -> file.path().printable() + ": " + claims.revertingWords(file.id()))
                .findFirst();
        return reverting.or(() -> holdings.file(identity).stream()
                .flatMap(file -> holdings.holders(file.id()).stream())
                .filter(claims::isEnding)
                .map(claims::words)
                .findFirst());
    }
}
