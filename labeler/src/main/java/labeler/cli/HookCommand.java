package labeler.cli;

import java.io.IOException;
import labeler.hook.LibvirtHook;
import labeler.linux.HostPath;
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
            converter = Converters.OfHostPath.class,
            description = "libvirt's directory of hooks; /etc/libvirt/hooks by default.")
    private HostPath hooksDirectory = LibvirtHook.DEFAULT_DIRECTORY;

    @Parameters(index = "0", paramLabel = "install|remove|status", description = "What to do with the hook.")
    private Action action = Action.status;

    @Parameters(index = "1", paramLabel = "libvirt", description = "Whose hook it is.")
    private Manager manager = Manager.libvirt;

    @Override
    public Integer call() {
        LibvirtHook hook = new LibvirtHook(hooksDirectory);
        try {
            return switch (action) {
                case install -> say(hook.install());
                case remove -> say(hook.remove());
                case status -> {
                    LibvirtHook.State state = hook.state();
                    terminal().print(hook.path() + ": " + state.words());
                    yield state == LibvirtHook.State.CURRENT ? ExitCode.DONE : ExitCode.FAILED;
                }
            };
        } catch (IOException e) {
            terminal().complain(manager + " hook: " + e);
            return ExitCode.FAILED;
        }
    }

    private int say(LibvirtHook.Change change) {
        return switch (change) {
            case LibvirtHook.Done(String message) -> {
                terminal().print(Terminal.safe(message));
                yield ExitCode.DONE;
            }
            case LibvirtHook.Foreign(String message) -> {
                terminal().complain(message);
                yield ExitCode.REFUSED;
            }
        };
    }
}
