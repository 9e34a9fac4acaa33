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
 * What is held, in memory and on disk, and who is at work on it. The lock is for changes; what is in memory can be read
 * without it.
 */
public record Ledger(HostLock lock, LocalRegistry holdings, Journal journal, Claims claims) {
    @Inject
    public Ledger {}

    /** Of this boot. */
    public String bootId() {
        return holdings.bootId();
    }

    /** From now on it shows whether any of these files is given back. */
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
     * Under no lock: nobody is giving this file back any more.
     *
     * @param isGivenBack whether it has what it had
     */
    void reverted(FileRecord file, boolean isGivenBack) {
        lock.changing(() -> {
            if (isGivenBack) {
                holdings.giveBack(file.id());
            }
            claims.reverted(file.id(), file.identity());
        });
    }

    /** With the lock held: who is about to give one of these files back, so that it is no time to judge them. */
    public Optional<String> inTheWay(FileSet files) {
        return identities(files).stream()
                .flatMap(identity -> inTheWay(identity).stream())
                .findFirst();
    }

    private Optional<String> inTheWay(FileIdentity identity) {
        // Also by a record of the time before its file system came back on another device.
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
