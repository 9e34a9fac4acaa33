package labeler.cli;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import labeler.adoption.DefinedDomains;
import labeler.api.ApiJson;
import labeler.api.DomainsReport;
import labeler.api.ExitCode;
import labeler.api.Refusal;
import labeler.api.StartBody;
import labeler.api.StartBody.Source;
import labeler.arguments.PathConverter;
import labeler.cli.option.Converters;
import labeler.client.ServiceClient.NoService;
import labeler.config.ConfigReader;
import labeler.explain.FileReasons;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.view.VmText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "plan",
        description = {
            "Shows what a start would do, and does nothing.",
            "A command line is planned for labeler run; with --for-start, for labeler start, where another program starts"
                    + " qemu.",
            "Asks the service, which knows the other VMs; without one, says what the definition and the images say.",
            "With --libvirt-all the exit code is 3 if any domain would be refused. It looks at definitions alone; labeler survey"
                    + " looks at what runs now, and at images without a domain."
        },
        exitCodeList = {
            "0:complete and safe",
            "1:failed",
            "2:usage",
            "3:a start would be refused: the definition or an image is unsafe or malformed",
            "4:a file or the level is in use by another VM"
        })
final class PlanCommand extends AbstractCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME",
            converter = Converters.OfVmName.class,
            description = "The VM.")
    private @Nullable VmName name;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "QEMU ARGV",
            description = "After --: the qemu command line, the program first.")
    private List<String> argv = List.of();

    @Mixin
    private final DefinitionOptions definition = new DefinitionOptions();

    @Option(
            names = "--libvirt",
            paramLabel = "DOMAIN",
            converter = Converters.OfVmName.class,
            description = "A domain of libvirt's, with the definition that libvirt has of it.")
    private @Nullable VmName domain;

    @Option(
            names = "--libvirt-all",
            description = "All domains of libvirt's, one a line: whether each would start, and why not.")
    private boolean allDomains;

    @Option(
            names = "--for-start",
            description = "Another program starts qemu, after labeler start: nothing is handed over, and Landlock does"
                    + " not count.")
    private boolean isForStart;

    @Option(
            names = "--explain",
            paramLabel = "FILE",
            converter = PathConverter.class,
            description = "Only this file: what leads to it, and what libvirt by itself would do with it.")
    private @Nullable HostPath explained;

    /** The first of many plans tells that the settings cannot be read. */
    private boolean isTold;

    @Override
    public Integer call() {
        long sources = Stream.of(name != null || definition.isGiven(argv), domain != null, allDomains)
                .filter(given -> given)
                .count();
        if (sources != 1 || (name == null && definition.isGiven(argv)) || (allDomains && explained != null)) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "a plan is of NAME with its definition, of --libvirt DOMAIN, or of --libvirt-all without --explain");
        }
        if (allDomains) {
            return report();
        }
        Optional<StartBody> body = domain == null ? given() : ofDomain(domain);
        return body.map(this::plan).orElse(ExitCode.FAILED);
    }

    private Optional<StartBody> given() {
        return definition
                .source(surroundings(), argv)
                .map(source -> body(Objects.requireNonNull(name), source, launch()));
    }

    private Optional<StartBody> ofDomain(VmName wanted) {
        try {
            return Optional.of(ofDomain(wanted, host().domains().xml(wanted)));
        } catch (IOException e) {
            terminal().complain(wanted + ": " + IoReason.of(e));
            return Optional.empty();
        }
    }

    /** Only a command line can be given to {@code labeler run}. */
    private Optional<StartRequest.Launch> launch() {
        return argv.isEmpty() || isForStart ? Optional.empty() : Optional.of(StartRequest.Launch.RUN);
    }

    private static StartBody ofDomain(VmName vm, byte[] xml) {
        return body(vm, Source.domainXml(xml), Optional.empty());
    }

    private static StartBody body(VmName vm, Source source, Optional<StartRequest.Launch> launch) {
        return new StartBody(Optional.of(vm), source, Optional.empty(), Optional.empty(), launch);
    }

    private int plan(StartBody body) {
        Reply reply = ask(body);
        if (reply.outcome() instanceof NoService(String message)) {
            return alone(body, message);
        }
        return explained == null
                ? reply.show(VmView.class, new VmText(terminal())::vm, PlanCommand::exitCode)
                : reply.inWords().show(VmView.class, _ -> {}, this::explain);
    }

    private Reply ask(StartBody body) {
        return service.post(surroundings(), "/v1/plan", body);
    }

    private int explain(VmView vm) {
        HostPath file = Objects.requireNonNull(explained).from(host().workingDirectory());
        Optional<FileReasons> reasons = FileReasons.of(vm, file).or(() -> FileReasons.of(vm, target(file)));
        if (reasons.isEmpty()) {
            terminal().complain(file + " is not in the set of " + vm.vm() + "; without --explain, plan shows the set");
            vm.problems().forEach(problem -> terminal().complain(VmText.problem(problem)));
            return ExitCode.FAILED;
        }
        service.form().print(terminal(), reasons.get(), () -> new VmText(terminal()).reasons(reasons.get()));
        return exitCode(vm);
    }

    /** The file to which a name leads, through links; the name itself if it leads nowhere. */
    private static HostPath target(HostPath name) {
        try {
            return HostPath.of(name.jdkPath().toRealPath());
        } catch (IOException e) {
            return name;
        }
    }

    private int report() {
        try {
            DomainsReport.Builder report = new DomainsReport.Builder();
            DefinedDomains.Names names = host().domains().names();
            for (VmName one : names.domains()) {
                terminal().progress("plan of " + one);
                switch (planned(one)) {
                    case PlanOutcome.Planned(VmView vm) -> report.planned(vm);
                    case PlanOutcome.NotPlanned(List<Problem> problems) -> report.notPlanned(one, problems);
                }
            }
            terminal().progress("");
            DomainsReport whole = report.build();
            service.form().print(terminal(), whole, () -> new VmText(terminal()).domains(whole));
            names.strange()
                    .forEach(name -> terminal()
                            .complain("a domain is left out, since no VM can have its name here: " + QuotedText.of(name)
                                    + "; virsh domrename gives it another"));
            boolean isWhole =
                    names.strange().isEmpty() && whole.domains().stream().allMatch(DomainsReport.Planned::accepted);
            return isWhole ? ExitCode.DONE : ExitCode.REFUSED;
        } catch (IOException e) {
            return complain(IoReason.of(e), ExitCode.FAILED);
        }
    }

    private PlanOutcome planned(VmName one) {
        try {
            StartBody body = ofDomain(one, host().domains().xml(one));
            Reply reply = ask(body);
            return reply.outcome() instanceof NoService ? offline(body) : reply.plan();
        } catch (IOException e) {
            return new PlanOutcome.NotPlanned(
                    List.of(new Problem(Problem.Kind.UNREADABLE, Optional.empty(), IoReason.of(e))));
        }
    }

    /** By the service's own settings, if they can be read: they say what a header may name. */
    private PlanOutcome offline(StartBody body) throws IOException {
        if (!isTold && host().settings() instanceof ConfigReader.Invalid(String message)) {
            terminal().complain(message + "; planned without these settings");
            isTold = true;
        }
        return host().plan(body);
    }

    private int alone(StartBody body, String why) {
        try {
            return switch (offline(body)) {
                case PlanOutcome.Planned(VmView vm) -> {
                    boolean isWhole = explained == null;
                    if (isWhole && !service.form().isForPeople()) {
                        service.form().print(terminal(), ApiJson.write(vm));
                    }
                    terminal().complain(why + "; what other VMs use is not known here");
                    if (isWhole && service.form().isForPeople()) {
                        new VmText(terminal()).vm(vm);
                    }
                    yield isWhole ? exitCode(vm) : explain(vm);
                }
                case PlanOutcome.NotPlanned(List<Problem> problems) ->
                    Reply.refused(terminal(), service.form(), Refusal.because(problems));
            };
        } catch (IOException e) {
            return complain(String.valueOf(e.getMessage()), ExitCode.FAILED);
        }
    }

    private static int exitCode(VmView vm) {
        return vm.problems().stream()
                .map(problem -> Refusal.status(problem.kind().severity()).exitCode())
                .reduce(ExitCode.DONE, PlanCommand::worse);
    }

    /** Unsafe input outweighs a conflict. Both outweigh a failure, as in the service's refusals. */
    private static int worse(int one, int other) {
        if (one == ExitCode.REFUSED || other == ExitCode.REFUSED) {
            return ExitCode.REFUSED;
        }
        return Math.max(one, other);
    }
}
