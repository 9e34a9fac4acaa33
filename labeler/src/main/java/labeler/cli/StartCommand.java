package labeler.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.api.PercentEncoding;
import labeler.api.StartBody;
import labeler.json.JsonWriter;
import labeler.lifecycle.StartRequest;
import labeler.linux.Pid;
import labeler.selinux.Level;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "start",
        description = "Labels the files of a VM for a process that somebody else starts.",
        exitCodeList = {
            "0:the files are labelled",
            "1:failed",
            "2:usage",
            "3:refused: the definition or an image is unsafe or malformed",
            "4:a file or the level is in use by another VM",
            "5:no service, or not permitted"
        })
final class StartCommand extends AbstractCommand {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Mixin
    private final DefinitionOptions definition = new DefinitionOptions();

    @Option(
            names = "--level",
            paramLabel = "s0:cA,cB",
            converter = Converters.OfLevel.class,
            description = "The level to use; one that is free by default.")
    private @Nullable Level level;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            converter = Converters.OfPid.class,
            description = "The VM's process; when it ends, the VM is stopped.")
    private @Nullable Pid pid;

    @Override
    public Integer call() {
        StartBody body;
        try {
            body = new StartBody(
                    definition.source(host()),
                    Optional.empty(),
                    Optional.ofNullable(level),
                    Optional.ofNullable(pid),
                    StartRequest.Launch.ELSEWHERE);
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
            return ExitCode.FAILED;
        }
        String path = "/v1/vms/" + PercentEncoding.encode(definition.name().value()) + "/start";
        byte[] json = JsonWriter.compact(body.json()).getBytes(StandardCharsets.UTF_8);
        return service.finish(main(), service.post(main(), path, json), answer -> {
            if (!service.json()) {
                new VmText(terminal()).vm(answer);
            }
            return ExitCode.DONE;
        });
    }
}
