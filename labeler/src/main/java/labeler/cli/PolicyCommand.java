package labeler.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "policy",
        description = "Installs, removes or shows the SELinux policy module. This build ships none yet.",
        exitCodeList = {"1:this build ships no policy module", "2:usage"})
final class PolicyCommand extends AbstractCommand {
    /** What can be done with it. */
    enum Action {
        install,
        remove,
        status
    }

    @Parameters(paramLabel = "install|remove|status", description = "What to do with the module.")
    private Action action = Action.status;

    @Override
    public Integer call() {
        terminal()
                .complain("policy " + action + ": not yet: this build ships no policy module; labels follow the"
                        + " loaded policy's own virtual_domain_context and virtual_image_context");
        return ExitCode.FAILED;
    }
}
