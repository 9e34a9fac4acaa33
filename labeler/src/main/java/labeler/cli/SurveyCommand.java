package labeler.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import labeler.api.ExitCode;
import labeler.arguments.PathConverter;
import labeler.client.ServiceClient.Answered;
import labeler.client.ServiceClient.Broken;
import labeler.client.ServiceClient.NoService;
import labeler.config.ConfigReader;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.selinux.Level;
import labeler.survey.HeldFile;
import labeler.survey.HeldVm;
import labeler.survey.Judgement;
import labeler.survey.Sight;
import labeler.survey.Survey;
import labeler.survey.SurveyRequest;
import labeler.survey.Unseen;
import labeler.view.PageFile;
import labeler.view.SurveyPage;
import labeler.view.SurveyText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "survey",
        description = {
            "Looks at this host as it is, with or without labeler: the qemu processes that run, libvirt's domains, images"
                    + " below directories. Names what is unsafe today, the worst first, each with its remedy.",
            "It changes nothing, opens no devices, follows no links out of the directories, and needs no service and no"
                    + " SELinux. What this user may not see, and what cannot be judged here, is named at the end."
        },
        exitCodeList = {
            "0:nothing unsafe found; there may be notices, and things that could not be looked at",
            "1:something unsafe found; or failed",
            "2:usage"
        })
final class SurveyCommand extends AbstractCommand implements Callable<Integer> {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Parameters(
            arity = "0..*",
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "Directories with images; those of image.roots by default, or /var/lib/libvirt/images.")
    private List<HostPath> directories = List.of();

    @Option(
            names = "--html",
            paramLabel = "FILE",
            converter = PathConverter.class,
            description = {
                "Write it also as one HTML page, which needs nothing else. A file of that name is replaced. Only its owner may"
                        + " read it: it names files that others may not see."
            })
    private @Nullable HostPath page;

    @Override
    public Integer call() {
        HostPath here = host().workingDirectory();
        Survey survey;
        try {
            List<HostPath> named =
                    directories.stream().map(path -> path.from(here)).toList();
            survey = Judgement.of(sight(request(named)));
        } catch (IOException e) {
            terminal().progress("");
            return complain(IoReason.of(e), ExitCode.FAILED);
        }
        terminal().progress("");
        service.form().print(terminal(), survey, () -> new SurveyText(terminal()).print(survey));
        boolean isWritten = page == null || write(survey, page.from(here));
        return survey.safe() && isWritten ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** Without its settings it may have looked in other directories than those with the images. */
    private Sight sight(SurveyRequest request) throws IOException {
        ConfigReader.Result settings = host().settings();
        Sight sight = host().survey(request, settings, terminal()::progress);
        return switch (settings) {
            case ConfigReader.Read _ -> sight;
            case ConfigReader.Invalid(String message) -> {
                List<Unseen> unseen = new ArrayList<>(sight.unseen());
                unseen.addFirst(new Unseen(
                        request.directories().isEmpty()
                                ? "the settings, and the directories that they name"
                                : "the settings",
                        message));
                yield new Sight(sight.facts(), sight.looked(), unseen);
            }
        };
    }

    private boolean write(Survey survey, HostPath file) {
        try {
            String host = Files.readString(HOST_NAME).strip();
            String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            PageFile.write(file, SurveyPage.of(survey, host + ", " + time));
            return true;
        } catch (IOException e) {
            terminal().complain(file + ": the page is not written: " + IoReason.of(e));
            return false;
        }
    }

    /** The service knows the walls that nobody sees from outside. */
    private SurveyRequest request(List<HostPath> named) {
        return switch (service.get(surroundings(), "/v1/health").outcome()) {
            case NoService(String message) -> new SurveyRequest(named, Optional.empty(), message);
            case Broken(String message) -> new SurveyRequest(named, Optional.empty(), message);
            case Answered answer
            when !answer.succeeded() ->
                new SurveyRequest(named, Optional.empty(), "the service answers HTTP " + answer.status());
            case Answered _ -> {
                List<HeldVm> held = new ArrayList<>();
                boolean isWhole =
                        service.getElements(surroundings(), "/v1/vms", VmView.class, vm -> held.add(held(vm)));
                yield isWhole
                        ? new SurveyRequest(named, Optional.of(held), "")
                        : new SurveyRequest(named, Optional.empty(), "the service does not tell its VMs");
            }
        };
    }

    private static HeldVm held(VmView vm) {
        return new HeldVm(
                vm.vm().value(),
                vm.pid(),
                vm.level().pair(),
                vm.walls().stream().map(Wall::word).sorted().collect(Collectors.joining(", ")),
                vm.files().stream().flatMap(file -> held(file).stream()).toList());
    }

    private static Optional<HeldFile> held(FileView file) {
        return file.identity()
                .map(identity -> new HeldFile(
                        file.path(),
                        identity.withoutBirth(),
                        file.uses().stream().anyMatch(use -> use.role().isImage()),
                        isWritten(file),
                        isShared(file),
                        file.context().isPresent()));
    }

    private static boolean isWritten(FileView file) {
        return file.uses().stream().anyMatch(FileUse::isWriting);
    }

    /** A disk that all its VMs declare shareable is the only one that is written at a level without a pair. */
    private static boolean isShared(FileView file) {
        return isWritten(file)
                && file.context()
                        .filter(context -> Level.parse(context.level()).isEmpty())
                        .isPresent();
    }
}
