package labeler.cli;

import java.util.List;
import java.util.Optional;
import labeler.api.ScanBody;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.leftover.Leftover.Fate;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;
import labeler.view.Terminal;
import labeler.view.VmText;

/** A scan of directories, part by part: each is printed as it comes, and none is kept. */
final class ScanRun {
    private static final String PATH = "/v1/recover/scan";

    private final Surroundings surroundings;
    private final ServiceOptions service;
    private final boolean apply;
    private long looked;
    private long found;
    private long failed;
    private long left;

    ScanRun(Surroundings surroundings, ServiceOptions service, boolean apply) {
        this.surroundings = surroundings;
        this.service = service;
        this.apply = apply;
    }

    /**
     * One after the other.
     *
     * @param after where to go on in the first one
     * @return the exit code
     */
    int run(List<HostPath> directories, Optional<HostPath> after) {
        Optional<HostPath> place = after;
        for (HostPath directory : directories) {
            int exitCode = run(directory, place);
            if (exitCode != ExitCode.DONE) {
                return exitCode;
            }
            place = Optional.empty();
        }
        if (!service.json()) {
            surroundings.terminal().print(summary());
        }
        return failed > 0 || (!apply && found > 0) ? ExitCode.FAILED : ExitCode.DONE;
    }

    private String summary() {
        String rest =
                (left == 0 ? "" : ", " + left + " left as they are") + (failed == 0 ? "" : ", " + failed + " failed");
        return looked + " files looked at: " + found
                + (apply ? " mended" : found == 0 ? " to mend" : " to mend (--apply)") + rest;
    }

    private int run(HostPath directory, Optional<HostPath> from) {
        Optional<HostPath> after = from;
        while (true) {
            ScanRequest request = new ScanRequest(directory, after, apply);
            Part part = new Part();
            int exitCode =
                    service.finish(surroundings, service.post(surroundings, PATH, ScanBody.of(request)), part::render);
            if (exitCode != ExitCode.DONE) {
                after.ifPresent(place -> surroundings
                        .terminal()
                        .complain("what came before is done; go on with --after " + place.printable()));
                return exitCode;
            }
            after = part.after;
            if (after.isEmpty()) {
                return ExitCode.DONE;
            }
        }
    }

    /** An answer. */
    private final class Part {
        private Optional<HostPath> after = Optional.empty();

        int render(JsonObject answer) {
            Terminal terminal = surroundings.terminal();
            terminal.progress("");
            answer.elements("files").forEach(this::file);
            for (Json warning : answer.elements("warnings")) {
                if (warning instanceof Json.JsonString(String text)) {
                    terminal.complain(text);
                }
            }
            looked += answer.number("looked").orElse(0L);
            after = ScanBody.after(answer);
            after.ifPresent(place ->
                    terminal.progress(looked + " files looked at, " + found + " found; at " + place.printable()));
            return ExitCode.DONE;
        }

        private void file(Json element) {
            JsonObject file = VmText.object(element);
            String outcome = VmText.text(file, "outcome");
            if (outcome.equals(Fate.FAILED.word())) {
                failed++;
            } else if (outcome.equals(Fate.LEFT.word())) {
                left++;
            } else {
                found++;
            }
            if (!service.json()) {
                surroundings
                        .terminal()
                        .print(outcome + "  " + Terminal.safe(VmText.text(file, "path")) + "  "
                                + Terminal.safe(VmText.text(file, "context")) + "  "
                                + Terminal.safe(VmText.text(file, "message")));
            }
        }
    }
}
