package labeler.arguments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A command line in its plainest form: words, two options that many commands have, and the command line of qemu. It says the
 * same to picocli, whose description of the commands takes longer to read than most of them to do. Whatever else there is,
 * a fault among it, is picocli's (docs/adr/0043-commands-that-only-ask.md).
 *
 * @param command the first word
 * @param words those between it and the end or {@code --}, none of them empty or an option
 * @param socket the value of {@code --socket}
 * @param isJson whether {@code --json} is given
 * @param rest all after {@code --}; empty without it
 */
public record PlainArguments(
        String command, List<String> words, Optional<String> socket, boolean isJson, Optional<List<String>> rest) {
    private static final String SOCKET = "--socket";
    private static final String JSON = "--json";
    private static final String END = "--";

    public PlainArguments {
        words = List.copyOf(words);
        rest = rest.map(List::copyOf);
    }

    /** The arguments, if they are of this form. */
    public static Optional<PlainArguments> of(String[] raw) {
        List<String> all = Arrays.asList(raw);
        int end = all.indexOf(END);
        List<String> head = end < 0 ? all : all.subList(0, end);
        List<String> words = new ArrayList<>();
        Optional<String> socket = Optional.empty();
        boolean isJson = false;
        for (int i = 0; i < head.size(); i++) {
            String argument = head.get(i);
            if (argument.equals(SOCKET) && socket.isEmpty() && i + 1 < head.size() && isWord(head.get(i + 1))) {
                i++;
                socket = Optional.of(head.get(i));
            } else if (argument.equals(JSON) && !isJson) {
                isJson = true;
            } else if (isWord(argument)) {
                words.add(argument);
            } else {
                return Optional.empty();
            }
        }
        // The options stand after the command, as picocli wants them.
        return words.isEmpty() || !words.getFirst().equals(head.getFirst())
                ? Optional.empty()
                : Optional.of(new PlainArguments(
                        words.getFirst(),
                        words.subList(1, words.size()),
                        socket,
                        isJson,
                        end < 0 ? Optional.empty() : Optional.of(all.subList(end + 1, all.size()))));
    }

    private static boolean isWord(String argument) {
        return !argument.isEmpty() && argument.charAt(0) != '-';
    }

    /** The only word, of a command without qemu's command line. */
    public Optional<String> onlyWord() {
        return words.size() == 1 && rest.isEmpty() ? Optional.of(words.getFirst()) : Optional.empty();
    }

    /** The word before a command line of qemu's that is not empty. */
    public Optional<String> wordBeforeCommandLine() {
        return words.size() == 1 && rest.filter(line -> !line.isEmpty()).isPresent()
                ? Optional.of(words.getFirst())
                : Optional.empty();
    }
}
