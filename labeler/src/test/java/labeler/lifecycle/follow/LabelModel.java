package labeler.lifecycle.follow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the label of a file has to be, written without a look at the service: the holds, and one rule. */
final class LabelModel {
    /** A hold in the model. */
    record Held(String vm, String file, boolean writing, long number) {}

    private final List<Held> holds = new ArrayList<>();

    List<Held> holds() {
        return List.copyOf(holds);
    }

    List<Held> of(String vm) {
        return holds.stream().filter(hold -> hold.vm().equals(vm)).toList();
    }

    void add(Held hold) {
        holds.add(hold);
    }

    void remove(Held hold) {
        holds.remove(hold);
    }

    void narrow(Held hold) {
        holds.replaceAll(other -> other.equals(hold) ? new Held(hold.vm(), hold.file(), false, hold.number()) : other);
    }

    /** Whether another VM has the file in a way that does not go with this one. */
    boolean isInTheWay(String vm, String file, boolean writing) {
        boolean writes = writing
                || holds.stream()
                        .anyMatch(hold -> hold.vm().equals(vm) && hold.file().equals(file) && hold.writing());
        return holds.stream()
                .anyMatch(hold -> !hold.vm().equals(vm) && hold.file().equals(file) && (hold.writing() || writes));
    }

    /** The label: image context if somebody writes the file, content context if somebody reads it, else its own. */
    String label(String file, Map<String, String> imageContexts, String content, String own) {
        String label = own;
        for (Held hold : holds) {
            if (hold.file().equals(file)) {
                if (hold.writing()) {
                    return imageContexts.getOrDefault(hold.vm(), "no context");
                }
                label = content;
            }
        }
        return label;
    }
}
