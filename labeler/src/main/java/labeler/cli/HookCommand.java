package labeler.cli;

import java.io.IOException;
import java.util.Optional;
import labeler.api.VmJson;
import labeler.arguments.PathConverter;
import labeler.hook.LibvirtHook;
import labeler.hook.LibvirtHook.State;
import labeler.json.Json;
import labeler.linux.HostPath;
import labeler.view.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "hook",
        description = "Installs, removes or shows the hook through which another manager of VMs calls the service.",
        exitCodeList = {
            "0:done; status: installed and current",
            "1:failed; status: not installed, or not current",
            "2:usage",
            "3:refused: a file that is not ours is in the way"
        })
final class HookCommand extends AbstractCommand {
    /** What can be done with it. */
    enum Action {
        install,
        remove,
        status
    }

    /** Whose hook it is. */
    enum Manager {
        libvirt
    }

    @Option(
            names = "--hooks-dir",
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "libvirt's directory of hooks; /etc/libvirt/hooks by default.")
    private HostPath hooksDirectory = LibvirtHook.DEFAULT_DIRECTORY;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "install|remove|status", description = "What to do with the hook.")
    private Action action = Action.status;

    @Parameters(index = "1", paramLabel = "libvirt", description = "Whose hook it is.")
    private Manager manager = Manager.libvirt;

    @Override
    public Integer call() {
        LibvirtHook hook = new LibvirtHook(hooksDirectory);
        try {
            return switch (action) {
                case install -> {
                    int code = changed(hook, hook.install());
                    host().policy(Optional.empty(), terminal()::complain)
                            .label()
                            .ifPresent(terminal()::complain);
                    yield code;
                }
                case remove -> changed(hook, hook.remove());
                case status -> {
                    State state = hook.state();
                    tell(hook, state, hook.path() + ": " + state.words());
                    yield state == State.CURRENT ? ExitCode.DONE : ExitCode.FAILED;
                }
            };
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
            return ExitCode.FAILED;
        }
    }

    private int changed(LibvirtHook hook, LibvirtHook.Change change) throws IOException {
        return switch (change) {
            case LibvirtHook.Done(String message) -> {
                tell(hook, hook.state(), message);
                yield ExitCode.DONE;
            }
            case LibvirtHook.Foreign(String message) -> {
                if (json) {
                    tell(hook, hook.state(), message);
                }
                terminal().complain(message);
                yield ExitCode.REFUSED;
            }
        };
    }

    private void tell(LibvirtHook hook, State state, String message) {
        if (json) {
            Json.ObjectBuilder object = Json.object().put("manager", manager.name());
            VmJson.putPath(object, "path", hook.path());
            terminal()
                    .print(object.put("state", state.word())
                            .put("message", message)
                            .build());
        } else {
            terminal().print(Terminal.safe(message));
        }
    }
}
