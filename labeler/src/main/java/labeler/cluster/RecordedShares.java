package labeler.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import labeler.apply.RecordedFiles;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.registry.SharedFile;
import labeler.registry.WantedFile;
import labeler.storage.MountedStorages;
import labeler.storage.Place;

/** Those of a VM's files on record that other hosts could take. */
record RecordedShares(Holdings holdings, MountedStorages mounted, RecordedFiles found) {
    /** A file of a VM, as the journal has it. */
    record Recorded(WantedFile wanted, FileRecord record) {}

    /**
     * The files of one VM.
     *
     * @param files on registered storage
     * @param unknown of which nobody can tell now whether they are, or under which name; each with the reason
     * @param mayBeShared whether one lies on a shared file system that is no registered storage as it is mounted now
     */
    record Shares(Map<SharedFile, Recorded> files, List<String> unknown, boolean mayBeShared) {}

    /** Looks at each of them. A storage may hang. */
    Shares of(VmRecord vm) {
        Map<SharedFile, Recorded> files = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        boolean mayBeShared = false;
        List<FileRecord> records = Holdings.fileIds(vm.files()).stream()
                .flatMap(id -> holdings.file(id).stream())
                .toList();
        for (FileRecord record : records) {
            switch (look(record)) {
                case Known(Place.Shared(SharedFile shared, String path)) -> {
                    WantedFile wanted = new WantedFile(shared, path, record.sharing(), _ -> record.applied());
                    files.put(shared, new Recorded(wanted, record));
                }
                case Known(Place.Unregistered _) -> mayBeShared = true;
                case Known(Place.AnotherRoot(var storage)) ->
                    unknown.add(words(
                            vm,
                            record,
                            "storage " + storage + " is mounted here with another root; mount it as other hosts do"));
                case Known(Place.Unclear(String why)) -> unknown.add(words(vm, record, why));
                // Another host could not name it either.
                case Known(Place.Local _), Known(Place.Nameless _), Deleted() -> {}
                case Unknown(String why) -> unknown.add(words(vm, record, why));
            }
        }
        return new Shares(files, unknown, mayBeShared);
    }

    private static String words(VmRecord vm, FileRecord record, String why) {
        return "VM " + vm.name() + ": " + record.path() + ": " + why;
    }

    private sealed interface Look {}

    private record Known(Place place) implements Look {}

    private record Deleted() implements Look {}

    private record Unknown(String why) implements Look {}

    private Look look(FileRecord record) {
        try {
            return switch (found.find(record)) {
                case Reverter.Same(OpenedFile file) -> {
                    try (file) {
                        yield new Known(mounted.of(file));
                    }
                }
                case Reverter.Gone _ -> new Deleted();
                case Reverter.NotFound(String detail) -> lost(record, detail);
                case Reverter.Failed(String message) -> lost(record, message);
            };
        } catch (LinuxException e) {
            return new Unknown(Place.Unclear.because(e) + "; labeler cluster status shows the storages");
        }
    }

    /** One that is not found may have another name, or be out of reach for a moment. Other hosts may find it. */
    private Look lost(FileRecord record, String why) throws LinuxException {
        boolean isLocal = record.bootId().equals(holdings.bootId())
                && mounted.isLocal(record.identity().device());
        return isLocal ? new Known(new Place.Local()) : new Unknown(why);
    }
}
