package labeler.lifecycle;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.linux.FileIdentity;
import labeler.linux.OpenedFile;
import labeler.vm.VmName;

/**
 * What is held, in memory and on disk, and who is at work on it. The lock is for changes; what is in memory can be read
 * without it.
 */
record Ledger(HostLock lock, Holdings holdings, Journal journal, Claims claims, String bootId) {
    /** From now on it shows whether any of these files is given back. */
    Claims.Look look(FileSet files) {
        return lock.holding(() -> claims.look(identities(files)));
    }

    void close(Claims.Look look) {
        lock.holding(() -> {
            claims.close(look);
            return true;
        });
    }

    private static Set<FileIdentity> identities(FileSet files) {
        return files.files().stream()
                .flatMap(file -> file.file().stream())
                .map(OpenedFile::identity)
                .collect(Collectors.toSet());
    }

    /** With the lock held: who is about to give one of these files back, so that it is no time to judge them. */
    Optional<String> inTheWay(FileSet files) {
        return identities(files).stream()
                .flatMap(identity -> holdings.file(identity).stream())
                .flatMap(file -> inTheWay(file).stream())
                .findFirst();
    }

    private Optional<String> inTheWay(FileRecord file) {
        if (claims.isReverting(file.id())) {
            return Optional.of(file.path().printable() + ": " + claims.revertingWords(file.id()));
        }
        return holdings.holders(file.id()).stream()
                .filter(claims::isEnding)
                .map(this::words)
                .findFirst();
    }

    private String words(VmName name) {
        return claims.words(name);
    }
}
