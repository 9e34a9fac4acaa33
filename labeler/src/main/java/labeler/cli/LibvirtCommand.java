package labeler.cli;

import java.io.IOException;
import labeler.adoption.Adoption;
import labeler.api.AdoptionAnswer;
import labeler.api.ApiJson;
import labeler.cli.option.Converters;
import labeler.hook.LibvirtHook;
import labeler.view.Terminal;
import labeler.vm.VmName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

@Command(
        name = "libvirt",
        description = {
            "Puts the guard before the monitor of a domain of libvirt's, or takes it away.",
            "libvirt then starts labeler-emulator, which hands the monitor to the service and becomes qemu. Only the"
                    + " emulator in the domain's persistent definition changes; a running domain keeps what it has."
        },
        exitCodeList = {
            "0:done, or so already",
            "1:failed: virsh or the host could not",
            "2:usage",
            "3:refused: the domain cannot be changed so"
        })
final class LibvirtCommand extends AbstractCommand {
    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print the result as JSON.")
    private boolean json;

    @Command(
            name = "adopt",
            mixinStandardHelpOptions = true,
            description = "From its next start on the domain's monitor is guarded.")
    int adopt(
            @Parameters(paramLabel = "DOMAIN", converter = Converters.OfVmName.class, description = "By its name.")
                    VmName domain) {
        int exitCode = show(host().adoption().adopt(domain), true);
        if (exitCode == ExitCode.DONE) {
            warnWithoutHook();
        }
        return exitCode;
    }

    @Command(
            name = "release",
            mixinStandardHelpOptions = true,
            description = "From its next start on the domain is libvirt's alone.")
    int release(
            @Parameters(paramLabel = "DOMAIN", converter = Converters.OfVmName.class, description = "By its name.")
                    VmName domain) {
        return show(host().adoption().release(domain), false);
    }

    private int show(Adoption.Outcome outcome, boolean adopted) {
        return switch (outcome) {
            case Adoption.Done done -> {
                if (json) {
                    terminal().print(ApiJson.write(answer(done, adopted)));
                } else {
                    terminal().print(Terminal.safe(words(done, adopted)));
                }
                yield ExitCode.DONE;
            }
            case Adoption.Refused(String message) -> complain(message, ExitCode.REFUSED);
            case Adoption.Failed(String message) -> complain(message, ExitCode.FAILED);
        };
    }

    private int complain(String message, int exitCode) {
        terminal().complain(Terminal.safe(message));
        return exitCode;
    }

    private static AdoptionAnswer answer(Adoption.Done done, boolean adopted) {
        return new AdoptionAnswer(
                done.domain(), done.emulator(), done.program(), adopted, done.changed(), done.running());
    }

    private static String words(Adoption.Done done, boolean adopted) {
        String now = done.domain() + ": " + (adopted ? "adopted" : "released") + (done.changed() ? "" : " already")
                + "; its emulator is " + done.emulator();
        return done.changed() && done.running() ? now + "; it runs, so this counts from its next start on" : now;
    }

    /** An adopted domain that nobody announces does not start. */
    private void warnWithoutHook() {
        try {
            LibvirtHook hook = new LibvirtHook(LibvirtHook.DEFAULT_DIRECTORY);
            if (hook.state() != LibvirtHook.State.CURRENT) {
                terminal()
                        .complain(hook.path() + ": " + hook.state().words()
                                + "; an adopted domain starts only with it: labeler hook install libvirt");
            }
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
        }
    }
}
