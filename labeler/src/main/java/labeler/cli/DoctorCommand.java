package labeler.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.adoption.EmulatorNames;
import labeler.api.ApiJson;
import labeler.api.ExitCode;
import labeler.api.HealthAnswer;
import labeler.api.Report;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Broken;
import labeler.client.ServiceClient.NoService;
import labeler.config.ConfigReader;
import labeler.config.ProgramVersion;
import labeler.doctor.Examination;
import labeler.doctor.Finding;
import labeler.doctor.HostExamination;
import labeler.doctor.HostPlaces;
import labeler.hook.HookScript;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.RecordJson.Understood;
import labeler.lifecycle.FileReport.Outcome;
import labeler.view.DoctorText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "doctor",
        description = {
            "Looks at the installation: policy, kernel, hard links, Java, directories, hook, names of emulators, service,"
                    + " stale labels. Each fault is shown with its remedy.",
            "It changes nothing. It leaves out the parts that this user cannot see; root sees everything."
        },
        exitCodeList = {"0:no fault; there may be warnings", "1:a fault", "2:usage"})
final class DoctorCommand extends AbstractCommand implements Callable<Integer> {
    private static final String SERVICE = "service";
    private static final String STALE = "stale-labels";

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Override
    public Integer call() {
        terminal().progress("looking at this host");
        List<Finding> findings = new ArrayList<>(new HostExamination(
                        host().selinux(),
                        host().policy(Optional.empty(), terminal()::progress),
                        host().exec(),
                        host().settings(),
                        new HostPlaces(
                                Path.of(System.getProperty("labeler.home", ".")),
                                Path.of("/proc/sys"),
                                HookScript.DEFAULT_DIRECTORY,
                                EmulatorNames.SYSTEM.directory()))
                .look());
        findings.addAll(
                switch (host().settings()) {
                    case ConfigReader.Read _ -> ofService();
                    // It does not start with them, and its socket would wait for that for minutes.
                    case ConfigReader.Invalid _ ->
                        List.of(Finding.skipped(SERVICE, "not asked: it does not start with its settings"));
                });
        terminal().progress("");
        Examination examination = Examination.of(findings);
        service.form().print(terminal(), examination, () -> new DoctorText(terminal()).print(examination));
        return examination.healthy() ? ExitCode.DONE : ExitCode.FAILED;
    }

    private List<Finding> ofService() {
        return switch (service.get(surroundings(), "/v1/health").outcome()) {
            case NoService(String message)
            when message.startsWith("only root") -> List.of(Finding.skipped(SERVICE, message));
            case NoService(String message) ->
                List.of(Finding.fault(SERVICE, message, "systemctl enable --now labelerd.socket labelerd.service"));
            case Broken(String message) ->
                List.of(Finding.fault(SERVICE, message, "journalctl -u labelerd; systemctl restart labelerd"));
            case Answered answer -> List.of(health(answer), stale());
        };
    }

    private static Finding health(Answered answer) {
        if (!(answer.succeeded()
                && new JsonReader().read(answer.body()) instanceof JsonReader.Value(JsonObject whole))) {
            return Finding.fault(SERVICE, "it answers HTTP " + answer.status(), "journalctl -u labelerd");
        }
        if (!(ApiJson.readAnswer(HealthAnswer.class, whole) instanceof Understood<HealthAnswer>(HealthAnswer health))) {
            return Finding.warning(
                    SERVICE,
                    "it answers in another form than this program knows, as another version does",
                    "systemctl restart labelerd");
        }
        if (!health.version().equals(ProgramVersion.text())) {
            return Finding.warning(
                    SERVICE,
                    "the service is of version " + health.version() + ", this program of " + ProgramVersion.text(),
                    "systemctl restart labelerd");
        }
        return Finding.good(SERVICE, "version " + health.version() + " answers");
    }

    private Finding stale() {
        if (service.post(surroundings(), "/v1/recover?dryRun=true").outcome() instanceof Answered answer
                && answer.succeeded()
                && new JsonReader().read(answer.body()) instanceof JsonReader.Value(JsonObject whole)
                && ApiJson.readAnswer(Report.Recovered.class, whole)
                        instanceof Understood<Report.Recovered>(Report.Recovered recovered)) {
            long files = recovered.stale().stream()
                    .filter(file -> file.outcome() == Outcome.WOULD_CHANGE || file.isFailure())
                    .count();
            return files == 0 && recovered.vms().isEmpty()
                    ? Finding.good(STALE, "none")
                    : Finding.warning(
                            STALE,
                            recovered.vms().size() + " VMs that have ended and " + files
                                    + " files that nobody holds still have labels of ours",
                            "labeler recover");
        }
        return Finding.skipped(STALE, "the service does not tell; labeler recover --dry-run says more");
    }
}
