echo "script $1"
ls case.dig
