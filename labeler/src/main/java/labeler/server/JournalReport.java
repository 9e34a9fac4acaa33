package labeler.server;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.SqliteJournal;
import labeler.journal.VmRecord;

/**
 * The records in the journal of a stopped service. The packages ask for it before they remove the journal: a label
 * that is not on record any more is not given back.
 *
 * @param lines one for each VM and each file of none, for people; empty if nothing is on record
 */
record JournalReport(List<String> lines) {
    JournalReport {
        lines = List.copyOf(lines);
    }

    /**
     * Reads the journal in a directory.
     *
     * @throws JournalException if it cannot be read, also if a service works with it
     */
    static JournalReport of(Path stateDirectory) throws JournalException {
        // Where it is not known whether there is one, opening it says why.
        if (Files.notExists(stateDirectory.resolve("journal.db"), LinkOption.NOFOLLOW_LINKS)) {
            return new JournalReport(List.of());
        }
        try (SqliteJournal journal = SqliteJournal.open(stateDirectory)) {
            return of(journal.load());
        }
    }

    private static JournalReport of(Journal.Recorded recorded) {
        Set<Long> held = recorded.vms().stream()
                .flatMap(vm -> vm.files().stream())
                .flatMap(hold -> hold.file().stream().boxed())
                .collect(Collectors.toSet());
        return new JournalReport(Stream.concat(
                        recorded.vms().stream().map(JournalReport::line),
                        recorded.files().stream()
                                .filter(file -> !held.contains(file.id()))
                                .map(JournalReport::line))
                .toList());
    }

    private static String line(VmRecord vm) {
        return "VM " + vm.name() + ": holds " + vm.files().size() + (vm.files().size() == 1 ? " file" : " files");
    }

    private static String line(FileRecord file) {
        return file.realPath() + ": no VM holds it, and its label is not known to be given back";
    }
}
