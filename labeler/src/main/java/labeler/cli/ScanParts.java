package labeler.cli;

import java.util.List;
import java.util.Optional;
import labeler.api.ExitCode;
import labeler.api.ScanBody;
import labeler.leftover.Leftover;
import labeler.leftover.ScanPage;
import labeler.linux.HostPath;
import labeler.linux.ShellWord;
import labeler.view.Terminal;

/** A scan of directories, part by part. It prints each part as it comes, and keeps none. */
final class ScanParts {
    private static final String PATH = "/v1/recover/scan";

    private final Surroundings surroundings;
    private final ServiceOptions service;
    private final boolean apply;
    private long looked;
    private long found;
    private long failed;
    private long left;
    private long unseen;

    /** The start of the next part. */
    private Optional<HostPath> next = Optional.empty();

    ScanParts(Surroundings surroundings, ServiceOptions service, boolean apply) {
        this.surroundings = surroundings;
        this.service = service;
        this.apply = apply;
    }

    /**
     * Scans one directory after the other.
     *
     * @param after where to go on in the first directory
     * @return the exit code
     */
    int run(List<HostPath> directories, Optional<HostPath> after) {
        Optional<HostPath> place = after;
        for (HostPath directory : directories) {
            int exitCode = run(directory, place);
            if (exitCode != ExitCode.DONE) {
                if (looked > 0) {
                    conclude();
                }
                return exitCode;
            }
            place = Optional.empty();
        }
        conclude();
        return failed > 0 || unseen > 0 || (!apply && found > 0) ? ExitCode.FAILED : ExitCode.DONE;
    }

    private void conclude() {
        if (service.form().isForPeople()) {
            surroundings.terminal().print(summary());
        }
    }

    private String summary() {
        String rest = (left == 0 ? "" : ", " + left + " left as they are")
                + (failed == 0 ? "" : ", " + failed + " failed")
                + (unseen == 0
                        ? ""
                        : ", " + unseen + (unseen == 1 ? " directory" : " directories") + " not looked through");
        return looked + " files looked at: " + found
                + (apply ? " mended" : found == 0 ? " to mend" : " to mend (--apply)") + rest;
    }

    private int run(HostPath directory, Optional<HostPath> from) {
        next = from;
        do {
            Optional<HostPath> after = next;
            int exitCode = service.post(surroundings, PATH, new ScanBody(directory, after, apply))
                    .show(ScanPage.class, this::print, this::counted);
            if (exitCode != ExitCode.DONE) {
                after.ifPresent(place -> surroundings
                        .terminal()
                        .complain("everything before it is done; go on with --after " + ShellWord.of(place)));
                return exitCode;
            }
            if (next.isPresent() && surroundings.terminal().unwritten().isPresent()) {
                // Nobody sees what else is found, or changed.
                next.ifPresent(place -> surroundings
                        .terminal()
                        .complain(
                                "ended, since nobody reads what is found; go on with --after " + ShellWord.of(place)));
                return ExitCode.FAILED;
            }
        } while (next.isPresent());
        return ExitCode.DONE;
    }

    private void print(ScanPage page) {
        surroundings.terminal().progress("");
        for (Leftover file : page.files()) {
            surroundings
                    .terminal()
                    .print(file.outcome().word() + "  " + file.path() + "  " + file.context() + "  "
                            + Terminal.safe(file.message()));
        }
    }

    private int counted(ScanPage page) {
        Terminal terminal = surroundings.terminal();
        terminal.progress("");
        for (Leftover file : page.files()) {
            switch (file.outcome()) {
                case FOUND, MENDED -> found++;
                case LEFT -> left++;
                case FAILED -> failed++;
            }
        }
        looked += page.looked();
        unseen += page.unseen().orElse(0L);
        page.warnings().forEach(terminal::complain);
        next = page.after();
        next.ifPresent(
                place -> terminal.progress(looked + " files looked at, " + found + " found; at " + place.printable()));
        return ExitCode.DONE;
    }
}
