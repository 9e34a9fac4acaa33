package labeler.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.Optional;
import labeler.api.ExitCode;
import labeler.api.HookAnswer;
import labeler.arguments.PathConverter;
import labeler.cli.option.FormOptions;
import labeler.hook.HookScript;
import labeler.hook.HookScript.State;
import labeler.linux.HostPath;
import labeler.view.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

@Command(
        name = "hook",
        description = "Installs, removes or shows the hook through which another manager of VMs calls the service.",
        exitCodeList = {
            "0:done; status: installed and current",
            "1:failed; status: not installed, or not current",
            "2:usage",
            "3:refused: a file that is not ours is in the way",
            "5:not permitted"
        })
final class HookCommand extends AbstractCommand {
    private static final String WHOSE = "Whose hook it is.";

    /** The program that calls the hook. */
    enum Manager {
        libvirt
    }

    @Option(
            names = "--hooks-dir",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "libvirt's directory of hooks; /etc/libvirt/hooks by default.")
    private HostPath hooksDirectory = HookScript.DEFAULT_DIRECTORY;

    @Mixin
    private final FormOptions form = new FormOptions();

    @Command(name = "install", mixinStandardHelpOptions = true, description = "Installs the hook.")
    int install(@Parameters(paramLabel = "libvirt", description = WHOSE) Manager manager) {
        return with(manager, hook -> {
            int exitCode = changed(hook, hook.install());
            host().policy(Optional.empty(), terminal()::complain).label().ifPresent(terminal()::complain);
            return exitCode;
        });
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes the hook.")
    int remove(@Parameters(paramLabel = "libvirt", description = WHOSE) Manager manager) {
        return with(manager, hook -> changed(hook, hook.remove()));
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Shows whether the hook is installed, and current.")
    int status(@Parameters(paramLabel = "libvirt", description = WHOSE) Manager manager) {
        return with(manager, hook -> {
            State state = hook.state();
            tell(hook, state, hook.path() + ": " + state.words());
            return state == State.CURRENT ? ExitCode.DONE : ExitCode.FAILED;
        });
    }

    @FunctionalInterface
    private interface Deed {
        int on(HookScript hook) throws IOException;
    }

    private int with(Manager manager, Deed deed) {
        try {
            return switch (manager) {
                case libvirt -> deed.on(new HookScript(hooksDirectory));
            };
        } catch (IOException e) {
            return complain(
                    String.valueOf(e.getMessage()),
                    e.getCause() instanceof AccessDeniedException ? ExitCode.NO_SERVICE : ExitCode.FAILED);
        }
    }

    private int changed(HookScript hook, HookScript.Change change) throws IOException {
        return switch (change) {
            case HookScript.Done(String message) -> {
                tell(hook, hook.state(), message);
                yield ExitCode.DONE;
            }
            case HookScript.Foreign(String message) -> {
                if (!form.form().isForPeople()) {
                    tell(hook, hook.state(), message);
                }
                yield complain(message, ExitCode.REFUSED);
            }
        };
    }

    private void tell(HookScript hook, State state, String message) {
        HookAnswer answer = new HookAnswer(Manager.libvirt.name(), hook.path(), state.word(), message);
        form.form().print(terminal(), answer, () -> terminal().print(Terminal.safe(message)));
    }
}
