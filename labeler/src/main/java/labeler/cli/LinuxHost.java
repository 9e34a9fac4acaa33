package labeler.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import labeler.api.StartBody;
import labeler.chain.ImageFile;
import labeler.chain.ImageOpener;
import labeler.fileset.LinuxImageOpener;
import labeler.json.Json.JsonObject;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.jna.JnaLinux;

/** This machine. */
final class LinuxHost implements Host {
    @Override
    public Map<String, String> environment() {
        return System.getenv();
    }

    @Override
    public Pid pid() {
        return new Pid(Math.toIntExact(ProcessHandle.current().pid()));
    }

    @Override
    public HostPath workingDirectory() {
        return HostPath.of(Path.of("").toAbsolutePath().toString());
    }

    @Override
    public ImageOpener<? extends ImageFile> images() {
        return new LinuxImageOpener(JnaLinux.create().open());
    }

    @Override
    public Exec exec() {
        return JnaLinux.create().exec();
    }

    @Override
    public Optional<JsonObject> plan(StartBody body) {
        return Optional.empty();
    }
}
