package labeler.cli;

import java.util.List;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.FileReport.Outcome;
import labeler.view.VmText;

/** How a command ends that prints reports about files. */
final class ReportExit {
    private ReportExit() {}

    /** A failure where a label is not back that should be. */
    static int of(JsonObject report) {
        return report.elements("problems").isEmpty() && !anyFailed(report.elements("reports"))
                ? ExitCode.DONE
                : ExitCode.FAILED;
    }

    static boolean anyFailed(List<Json> files) {
        return files.stream()
                .map(file -> VmText.text(VmText.object(file), "outcome"))
                .anyMatch(outcome -> outcome.equals(Outcome.FAILED.word()) || outcome.equals(Outcome.LOST.word()));
    }
}
