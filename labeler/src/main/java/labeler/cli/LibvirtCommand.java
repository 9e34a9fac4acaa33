package labeler.cli;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.adoption.Adoption;
import labeler.adoption.FreeLabel;
import labeler.api.AdoptionAnswer;
import labeler.api.ExitCode;
import labeler.api.StartBody;
import labeler.api.StartBody.Source;
import labeler.cli.option.Converters;
import labeler.hook.HookScript;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.view.Terminal;
import labeler.vm.VmName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "libvirt",
        description = {
            "Puts the guard before the monitor of a domain of libvirt's, or takes it away.",
            "libvirt then starts labeler-emulator, which hands the monitor to the service and becomes qemu. Only the"
                    + " emulator in the domain's persistent definition changes, and with --label its seclabel; a running"
                    + " domain keeps what it has."
        },
        exitCodeList = {
            "0:done, or so already",
            "1:failed: virsh or the host could not",
            "2:usage",
            "3:refused: the domain cannot be changed so, or no level is free",
            "4:a level is in use by another VM",
            "5:no service that chooses a level, or not permitted"
        })
final class LibvirtCommand extends AbstractCommand {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Command(
            name = "adopt",
            mixinStandardHelpOptions = true,
            description = "Puts a guard before the domain's monitor, from its next start on.")
    int adopt(
            @Parameters(paramLabel = "DOMAIN", converter = Converters.OfVmName.class, description = "By its name.")
                    VmName domain,
            @Option(
                            names = "--label",
                            description =
                                    "Write a static label with a level of its own into the definition too: libvirt"
                                            + " then labels no file of the domain, and labeler labels all; with"
                                            + " guard.labels = \"libvirt\" nobody labels files that join while it runs. Asks"
                                            + " the service for a free level.")
                    boolean label) {
        Optional<FreeLabel> choosing = label ? Optional.of(this::free) : Optional.empty();
        int exitCode = show(host().adoption().adopt(domain, choosing), true);
        if (exitCode == ExitCode.DONE) {
            warnWithoutHook();
        }
        return exitCode;
    }

    @Command(
            name = "release",
            mixinStandardHelpOptions = true,
            description = {
                "Gives the domain back to libvirt alone, from its next start on.",
                "A label that adopt --label wrote goes; one that somebody else wrote, or has changed since, stays."
            })
    int release(
            @Parameters(paramLabel = "DOMAIN", converter = Converters.OfVmName.class, description = "By its name.")
                    VmName domain) {
        return show(host().adoption().release(domain), false);
    }

    /** The service plans a start of the domain, and so chooses a level that it would give to nobody else. */
    private FreeLabel.Answer free(VmName domain, byte[] xml) {
        StartBody body = new StartBody(
                Optional.of(domain), Source.domainXml(xml), Optional.empty(), Optional.empty(), Optional.empty());
        Reply reply = service.post(surroundings(), "/v1/plan", body);
        return switch (reply.plan()) {
            case PlanOutcome.Planned(VmView vm) -> new FreeLabel.Free(vm.processContext());
            case PlanOutcome.NotPlanned(List<Problem> problems) ->
                new FreeLabel.NoneFree(
                        problems.stream().map(Problem::message).collect(joining("; ")),
                        switch (reply.failure()) {
                            case ExitCode.REFUSED -> FreeLabel.Cause.REFUSED;
                            case ExitCode.CONFLICT -> FreeLabel.Cause.IN_USE;
                            case ExitCode.NO_SERVICE -> FreeLabel.Cause.NO_SERVICE;
                            default -> FreeLabel.Cause.FAILED;
                        });
        };
    }

    private int show(Adoption.Outcome outcome, boolean adopted) {
        return switch (outcome) {
            case Adoption.Done done -> {
                service.form()
                        .print(
                                terminal(),
                                answer(done, adopted),
                                () -> terminal().print(Terminal.safe(words(done, adopted))));
                done.warnings().forEach(terminal()::complain);
                yield ExitCode.DONE;
            }
            case Adoption.Refused(String message) -> complain(message, ExitCode.REFUSED);
            case Adoption.Unlabelled(String message, FreeLabel.Cause cause) ->
                complain(
                        message,
                        switch (cause) {
                            case REFUSED -> ExitCode.REFUSED;
                            case IN_USE -> ExitCode.CONFLICT;
                            case NO_SERVICE -> ExitCode.NO_SERVICE;
                            case FAILED -> ExitCode.FAILED;
                        });
            case Adoption.Failed(String message) -> complain(message, ExitCode.FAILED);
            case Adoption.NotPermitted(String message) -> complain(message, ExitCode.NO_SERVICE);
        };
    }

    private static AdoptionAnswer answer(Adoption.Done done, boolean adopted) {
        return new AdoptionAnswer(
                done.domain(), done.emulator(), done.program(), adopted, done.changed(), done.running(), done.label());
    }

    private static String words(Adoption.Done done, boolean adopted) {
        String now = done.domain() + ": " + (adopted ? "adopted" : "released") + (done.changed() ? "" : " already")
                + "; its emulator is " + done.emulator()
                + done.label()
                        .map(label -> "; libvirt labels none of its files, and its label is " + label)
                        .orElse("");
        return done.changed() && done.running() ? now + "; it runs, so this counts from its next start on" : now;
    }

    /** An adopted domain that nobody announces does not start. */
    private void warnWithoutHook() {
        try {
            HookScript hook = new HookScript(HookScript.DEFAULT_DIRECTORY);
            if (hook.state() != HookScript.State.CURRENT) {
                terminal()
                        .complain(hook.path() + ": " + hook.state().words()
                                + "; an adopted domain starts only with it: labeler hook install libvirt");
            }
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
        }
    }
}
