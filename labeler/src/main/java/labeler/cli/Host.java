package labeler.cli;

import java.util.Map;
import java.util.Optional;
import labeler.api.StartBody;
import labeler.chain.ImageFile;
import labeler.chain.ImageOpener;
import labeler.json.Json.JsonObject;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.Pid;

/**
 * What commands need of this machine, each made only when it is asked for: a {@code labeler status} loads no native
 * code.
 */
interface Host {
    Map<String, String> environment();

    Pid pid();

    HostPath workingDirectory();

    /** Opens images by their names, relative ones from the working directory. */
    ImageOpener<? extends ImageFile> images();

    Exec exec();

    /**
     * The plan of a VM in the words of the interface, made without the service; empty where this build cannot.
     *
     * @param body with a name
     */
    Optional<JsonObject> plan(StartBody body);
}
