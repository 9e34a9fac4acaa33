package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.journal.FileRecord;
import labeler.linux.FileIdentity;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;
import labeler.tree.Trees;

/** The questions of the walks through trees about the files on record. */
record TreeRecords(Holdings holdings) implements Trees.OnRecord {
    @Inject
    TreeRecords {}

    @Override
    public boolean isHeld(FileIdentity identity) {
        return holdings.isHeld(identity);
    }

    @Override
    public boolean isOnRecord(FileIdentity identity) {
        return !holdings.alike(identity).isEmpty();
    }

    @Override
    public boolean isReserved(Level level) {
        return holdings.isReserved(level.pair());
    }

    @Override
    public List<Long> numbers(FileIdentity root) {
        List<FileRecord> alike = holdings.alike(root);
        Optional<FileRecord> own =
                alike.stream().filter(file -> file.identity().equals(root)).findFirst();
        return Stream.concat(
                        own.stream(),
                        alike.stream()
                                .filter(file ->
                                        own.filter(one -> areApart(one, file)).isEmpty())
                                .sorted(Comparator.comparingLong(FileRecord::id).reversed()))
                .map(FileRecord::id)
                .distinct()
                .toList();
    }

    /** Whether they are known to be on two file systems, which may have files with equal inodes and birth times. */
    private static boolean areApart(FileRecord one, FileRecord other) {
        return one.fileSystem().isPresent()
                && other.fileSystem().isPresent()
                && !one.fileSystem().equals(other.fileSystem());
    }

    @Override
    public boolean isKnown(long number, FileIdentity root) {
        return holdings.file(number)
                .map(FileRecord::identity)
                .filter(known -> known.inode() == root.inode() && known.birth().equals(root.birth()))
                .isPresent();
    }

    @Override
    public boolean isOurs(FileIdentity root, StoredLabel label) {
        return holdings.alike(root).stream()
                .anyMatch(file ->
                        file.everApplied().contains(label) && !file.original().equals(Optional.of(label)));
    }
}
