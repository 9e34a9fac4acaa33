package labeler.cli;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.TrustJson;
import labeler.arguments.PathConverter;
import labeler.chain.ImageFormat;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.view.VmText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "trust",
        description = {
            "Accepts what an image, and each image below it, refers to now.",
            "A start is refused where a header names a file that it did not name before, and a guest may have written that."
                    + " Look at what is shown, then accept it."
        },
        exitCodeList = {
            "0:accepted, or shown",
            "1:failed",
            "2:usage",
            "3:refused: an image is unsafe or malformed, or names a file that no header may name",
            "4:conflict: a VM may write the image just now",
            "5:no service, or not permitted"
        })
final class TrustCommand extends AbstractCommand implements Callable<Integer> {
    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Option(
            names = "--format",
            paramLabel = "FMT",
            converter = Converters.OfImageFormat.class,
            description = "The image's format, by qemu's name for it; detected by default.")
    private @Nullable ImageFormat format;

    @Option(names = "--dry-run", description = "Show what would be accepted, and accept nothing.")
    private boolean dryRun;

    @Parameters(paramLabel = "IMAGE", converter = PathConverter.class, description = "The image.")
    private @Nullable HostPath image;

    @Override
    public Integer call() {
        HostPath path = Objects.requireNonNull(image).from(host().workingDirectory());
        TrustJson.Request request = new TrustJson.Request(path, Optional.ofNullable(format));
        return service.finish(
                surroundings(), service.post(surroundings(), "/v1/trust?dryRun=" + dryRun, request.bytes()), answer -> {
                    if (!service.json()) {
                        answer.elements("images").forEach(one -> show(VmText.object(one)));
                        terminal().print(dryRun ? "nothing is accepted yet" : "accepted");
                    }
                    return ExitCode.DONE;
                });
    }

    private void show(JsonObject shown) {
        terminal().print(VmText.text(shown, "path") + "  " + VmText.text(shown, "format"));
        for (Json element : shown.elements("references")) {
            JsonObject reference = VmText.object(element);
            String recorded = VmText.text(reference, "format");
            terminal()
                    .print("  " + VmText.text(reference, "role") + "  " + VmText.text(reference, "name")
                            + (recorded.isEmpty() ? "" : "  " + recorded) + "  (so far: "
                            + VmText.text(reference, "before") + ")");
        }
    }
}
