package labeler.disk;

import java.util.Optional;
import java.util.function.Predicate;
import labeler.disk.Instruction.NotPossible;
import labeler.disk.Instruction.WhenReady;
import labeler.json.Json;
import labeler.json.Json.ObjectBuilder;

/**
 * The content of images is written into one below them, and they leave the chain.
 *
 * @param base the image that is written; empty for the lowest
 * @param top the uppermost of the images that leave; empty for that of the disk
 * @param speed bytes a second; 0 for no limit
 */
public record Commit(Optional<LayerName> base, Optional<LayerName> top, long speed) implements Operation {
    @Override
    public Instruction.Result instruction(Drive drive, Names names) {
        return withMedium(drive, root -> between(drive, root, names));
    }

    private Instruction.Result between(Drive drive, String root, Names names) {
        Optional<Integer> from = top.isEmpty() ? Optional.of(0) : drive.index(top.get());
        Optional<Integer> to = base.isEmpty() ? Optional.of(drive.chain().size() - 1) : drive.index(base.get());
        if (from.isEmpty()) {
            return Chains.unknown(drive, top.orElseThrow());
        }
        if (to.isEmpty()) {
            return Chains.unknown(drive, base.orElseThrow());
        }
        if (to.get() <= from.get()) {
            return new NotPossible("disk " + drive.shown() + " has no image below "
                    + drive.chain().get(from.get()).file() + " to commit into" + Chains.list(drive));
        }
        Layer upper = drive.chain().get(from.get());
        Layer lower = drive.chain().get(to.get());
        boolean isActive = from.get() == 0;
        ObjectBuilder arguments = Json.object()
                .put("job-id", names.job(word()))
                .put("device", root)
                .put("speed", speed);
        Chains.name(arguments, "base", lower);
        if (!isActive) {
            Chains.name(arguments, "top", upper);
        }
        Predicate<Drive> isSeen = isActive
                ? after -> !after.chain().isEmpty()
                        && after.chain().getFirst().file().equals(lower.file())
                : after -> !after.hasFile(upper) && after.hasFile(lower);
        return Operation.possible(
                drive,
                new Instruction(
                        "block-commit",
                        arguments.build(),
                        Optional.of(names.job(word())),
                        isActive ? WhenReady.COMPLETE : WhenReady.NOTHING,
                        Optional.empty(),
                        Optional.of(isSeen),
                        "committed into " + lower.file() + "; "
                                + Chains.files(drive.chain().subList(from.get(), to.get()))
                                + " no longer used"));
    }
}
