package labeler.lifecycle.hold;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import labeler.journal.FileRecord;
import labeler.linux.FileIdentity;

/** The records of files, by their numbers and by what identifies a file. For one thread at a time. */
final class FileRecords {
    private static final long[] NONE = {};

    private final Map<Long, FileRecord> records = new HashMap<>();

    /**
     * The numbers of the records of each inode and birth time, oldest first: of one file, before and after its file system
     * came back on another device, and of its copies.
     */
    private final Map<FileIdentity, long[]> byBirth = new HashMap<>();

    Optional<FileRecord> get(long id) {
        return Optional.ofNullable(records.get(id));
    }

    Collection<FileRecord> all() {
        return records.values();
    }

    /** The latest record of this very file. */
    Optional<FileRecord> newest(FileIdentity identity) {
        long[] ids = ids(identity);
        for (int i = ids.length - 1; i >= 0; i--) {
            FileRecord record = records.get(ids[i]);
            if (record != null && record.identity().equals(identity)) {
                return Optional.of(record);
            }
        }
        return Optional.empty();
    }

    /** The latest record of the same inode and birth time, on whatever device. Empty for a file without a birth time. */
    Optional<FileRecord> newestAlike(FileIdentity identity) {
        long[] ids = ids(identity);
        return identity.birth().isEmpty() || ids.length == 0 ? Optional.empty() : get(ids[ids.length - 1]);
    }

    /**
     * All records that may belong to this file, including those of its copies: its own latest one first, if it has one, and
     * then from the oldest.
     */
    List<FileRecord> alike(FileIdentity identity) {
        Optional<FileRecord> own = newest(identity);
        return identity.birth().isEmpty()
                ? own.stream().toList()
                : Stream.concat(
                                own.stream(),
                                LongStream.of(ids(identity)).boxed().flatMap(id -> get(id).stream()))
                        .distinct()
                        .toList();
    }

    /** Adds the record; answers the one of that number that it replaces. */
    Optional<FileRecord> put(FileRecord record) {
        Optional<FileRecord> before = Optional.ofNullable(records.put(record.id(), record));
        if (before.filter(other -> other.identity().equals(record.identity())).isEmpty()) {
            before.ifPresent(this::dropIdentity);
            byBirth.merge(
                    withoutDevice(record.identity()),
                    new long[] {record.id()},
                    (ids, added) -> LongStream.concat(LongStream.of(ids), LongStream.of(added))
                            .sorted()
                            .toArray());
        }
        return before;
    }

    Optional<FileRecord> remove(long id) {
        Optional<FileRecord> record = Optional.ofNullable(records.remove(id));
        record.ifPresent(this::dropIdentity);
        return record;
    }

    private void dropIdentity(FileRecord record) {
        byBirth.computeIfPresent(withoutDevice(record.identity()), (_, ids) -> {
            long[] left = LongStream.of(ids).filter(id -> id != record.id()).toArray();
            return left.length == 0 ? null : left;
        });
    }

    private long[] ids(FileIdentity identity) {
        return byBirth.getOrDefault(withoutDevice(identity), NONE);
    }

    private static FileIdentity withoutDevice(FileIdentity identity) {
        return new FileIdentity(0, identity.inode(), identity.birth());
    }
}
