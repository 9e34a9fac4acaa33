package labeler.cli;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.TrustAnswer;
import labeler.api.TrustBody;
import labeler.arguments.PathConverter;
import labeler.chain.ImageFormat;
import labeler.cli.option.Converters;
import labeler.linux.HostPath;
import labeler.view.ChainText;
import labeler.view.Terminal;
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
        TrustBody body = new TrustBody(path, Optional.ofNullable(format));
        return service.post(surroundings(), "/v1/trust?dryRun=" + dryRun, body).show(TrustAnswer.class, this::print);
    }

    private void print(TrustAnswer answer) {
        for (TrustAnswer.Image shown : answer.images()) {
            terminal().print(shown.path() + "  " + Terminal.safe(shown.format()));
            for (TrustAnswer.Reference reference : shown.references()) {
                terminal()
                        .print("  " + reference.role().word() + "  " + ChainText.name(reference.name())
                                + (reference.format().isEmpty() ? "" : "  " + Terminal.safe(reference.format()))
                                + "  (so far: " + Terminal.safe(reference.before()) + ")");
            }
        }
        terminal().print(dryRun ? "nothing is accepted yet" : "accepted");
    }
}
